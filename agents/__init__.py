"""The registry of agents: drafts, what they are assigned, and their published versions."""
