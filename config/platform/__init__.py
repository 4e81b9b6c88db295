"""All organisations at a glance, for whoever looks after the platform."""
