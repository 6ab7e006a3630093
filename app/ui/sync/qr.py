"""A pairing link as a QR code, made on the device."""

from io import BytesIO

PIXELS = 8  # of the picture, a module: enlarged or reduced, it stays crisp
QUIET_ZONE = 4  # modules; ISO/IEC 18004


def qr_png(text: str) -> bytes:
    """Black on white in a dark app too, for that is what cameras look for."""
    import segno  # where no code is shown, nothing is paid for it

    picture = BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="png", scale=PIXELS, border=QUIET_ZONE)
    return picture.getvalue()
