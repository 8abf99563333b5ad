"""A provider to rehearse with: it speaks the form of Africa's Talking on loopback and misbehaves when it is told to."""
