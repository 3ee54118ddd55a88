"""One self-contained page that shows what the filters of networks have learned."""
