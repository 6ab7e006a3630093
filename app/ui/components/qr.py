"""A pairing link as a QR code, made on the device."""

from dataclasses import dataclass
from io import BytesIO

QUIET_ZONE = 4  # modules; ISO/IEC 18004
WIDEST = 280  # pixels: a camera reads it from the screen at arm's length, and it fits a narrow phone


@dataclass(frozen=True)
class QrCode:
    png: bytes
    size: int  # pixels it is to be shown at: each module as wide as the next


def qr_code(text: str) -> QrCode:
    """Black on white in a dark app too, for that is what cameras look for."""
    import segno  # where no code is shown, nothing is paid for it

    code = segno.make_qr(text, error="m")
    modules = int(code.symbol_size(border=QUIET_ZONE)[0])
    picture = BytesIO()
    code.save(picture, kind="png", border=QUIET_ZONE)  # a pixel a module: enlarged without blurring
    return QrCode(picture.getvalue(), modules * max(1, WIDEST // modules))
