"""How long anything is waited for: `deadlines` for a request, `limits` for a process, and how databases keep to them."""
