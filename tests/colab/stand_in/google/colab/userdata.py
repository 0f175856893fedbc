"""The student's secrets, which lessons must not ask for."""


class SecretNotFoundError(Exception):
    """There is no such secret."""


def get(key):
    """There is none."""
    raise SecretNotFoundError(f"Secret {key} does not exist.")
