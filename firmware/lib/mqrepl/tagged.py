"""Values that JSON lacks: each comes as an object with the key `$mqb`, see docs/protocol.md."""

from binascii import a2b_base64


def decode(value):
    """The Python value of what json.loads() made. ValueError for a tag that is not known."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    tag = value.get("$mqb")
    if tag is None:
        return {key: decode(item) for key, item in value.items()}
    inner = value["v"]
    if tag == "bytes":
        return a2b_base64(inner.encode())
    if tag == "float":
        return float(inner)
    if tag == "int":
        return int(inner)
    if tag == "dict":
        return {key: decode(item) for key, item in inner.items()}
    raise ValueError("variable with the unknown tag " + repr(tag))
