"""A ticket page's address as a QR code."""

import io

import segno

SCALE = 8


def qr_svg(address: str) -> bytes:
    """A file of its own, dark on white with the quiet zone that scanners need."""
    out = io.BytesIO()
    segno.make(address, micro=False).save(out, kind="svg", scale=SCALE, light="#fff", xmldecl=True)
    return out.getvalue()


def qr_inline(address: str) -> str:
    """Markup for a page, as large as its box; it has no style attributes, which pages may not have."""
    return segno.make(address, micro=False).svg_inline(omitsize=True, light="#fff")
