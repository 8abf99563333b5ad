"""What everything else stands on and that knows nothing of the service: settings, storage, encryption, numbers, languages."""
