"""Who works here: accounts, appointments with an end, the second factor, and what a role allows."""
