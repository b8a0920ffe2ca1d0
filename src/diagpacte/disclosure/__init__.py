"""What may be published: the gate every deliverable's tables pass."""
