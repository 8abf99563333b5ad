"""How long to wait for anything: `deadlines` per request, `limits` per process, and how databases are held to them."""
