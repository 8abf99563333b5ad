"""How long anything is waited for: `deadlines` of a request, `limits` of a process, and how databases keep them."""
