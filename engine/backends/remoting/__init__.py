"""What the ``remote`` backend is made of: the server's address and token, its /v1/videos, and what its models take."""
