"""A pairing link as a QR code, generated on the device."""

from dataclasses import dataclass
from io import BytesIO

QUIET_ZONE = 4  # modules; ISO/IEC 18004
WIDEST = 280  # pixels: readable by a camera at arm's length, and fits a narrow phone


@dataclass(frozen=True)
class QrCode:
    png: bytes
    size: int  # pixels to show it at: a whole number per module


def qr_code(text: str) -> QrCode:
    """Generate a QR code, black on white in dark mode too, as scanners expect."""
    import segno  # imported only when a code is shown

    code = segno.make_qr(text, error="m")
    modules = int(code.symbol_size(border=QUIET_ZONE)[0])
    picture = BytesIO()
    code.save(picture, kind="png", border=QUIET_ZONE)  # one pixel per module: scales without blurring
    return QrCode(picture.getvalue(), modules * max(1, WIDEST // modules))
