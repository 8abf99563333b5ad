"""What everything else stands on: settings, storage, encryption, numbers, languages. Nothing of the service."""
