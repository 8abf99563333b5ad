"""What the service says. Flows are pure: they see no model, no Flask, no clock."""
