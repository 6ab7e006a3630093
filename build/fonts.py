"""Recreates assets/fonts: Noto Sans JP, subset to what people type in en, ja and fr, and all of Noto Emoji.

And assets/web/fonts: its Latin alone, for what the page paints before the app is there. A browser takes half
a second of processor time to unpack all of the Japanese ones.

The app asks no other origin for a font, so what is not in these files is not shown. Both fonts come from npm
packages and are under the SIL Open Font License; the results are committed.
"""

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FONTS = ASSETS / "fonts"
JAPANESE = "@expo-google-fonts/noto-sans-jp@0.4.3"
EMOJI = "@expo-google-fonts/noto-emoji@0.4.7"

# What fonts beside Japanese and Latin text are asked for: first and last code point of each span.
SPANS = (
    (0x0020, 0x007E),
    (0x00A0, 0x017F),  # Latin-1 and Latin Extended-A: every language of Western and Central Europe
    (0x0218, 0x021B),
    (0x02B9, 0x02DD),
    (0x2000, 0x206F),  # dashes, quotation marks, narrow no-break space (French puts it before ; : ! ?)
    (0x2070, 0x209C),
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x214F),
    (0x2150, 0x218B),
    (0x2190, 0x21FF),
    (0x2212, 0x2212),  # minus: Windows-31J has its fullwidth hyphen in its place
    (0x2460, 0x24FF),  # ① and its kind
    (0x25A0, 0x25FF),
    (0x2600, 0x266F),
    (0x2701, 0x27BF),
    (0x3000, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3200, 0x33FF),  # ㈱, ㌔, ㍻, ㋿
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),  # halfwidth and fullwidth forms
)
FIRST_JAPANESE = 0x3000
# Kanji that the keyboards' set lacks: the general-use list of 2010, and names of people and places.
MORE_KANJI = "𠮟塡剝頰俱吞噓嚙囊姸屛屢搔摑攢瀆瘦禱簞繫繡萊蔣蟬蠟軀醬醱鷗麴麵𠮷槗"

# Thin and narrow spaces the font has no glyph for: its ordinary space, itself under a quarter em, stands in.
# French puts U+202F before ; : ! ? and between thousands; without a glyph Flutter would draw a box.
THIN_SPACES = (0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x202F, 0x205F)

ELLIPSIS = 0x2026
WORD_JOINER_GLYPH = "uni2060"


def japanese_characters() -> set[int]:
    """JIS X 0208 with the extensions that Japanese keyboards offer (Windows-31J), and the spans above."""
    wanted = {code for first, last in SPANS for code in range(first, last + 1)} | set(map(ord, MORE_KANJI))
    for lead in (*range(0x81, 0xA0), *range(0xE0, 0xFD)):
        for trail in range(0x40, 0xFD):
            wanted.update(map(ord, bytes((lead, trail)).decode("cp932", errors="ignore")))
    return {code for code in wanted if not 0xE000 <= code <= 0xF8FF}


def latin_characters() -> set[int]:
    """What glance.css says is in the Latin fonts."""
    return {code for first, last in SPANS for code in range(first, last + 1) if code < FIRST_JAPANESE}


def fetch(package: str, folder: Path) -> Path:
    """Unpack an npm package; npm checks what it downloads against the registry's digest."""
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()
    return folder / "package"


def write_subset(source: Path, target: Path, characters: set[int], features: list[str]) -> None:
    options = subset.Options(
        flavor="woff2",
        layout_features=features,
        hinting=False,
        desubroutinize=True,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        notdef_outline=True,
        recalc_timestamp=False,
        drop_tables=["vhea", "vmtx", "VORG", "BASE", "STAT", "DSIG"],
    )
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    add_thin_spaces(font)
    add_word_joiner(font)
    lower_ellipsis(font)
    result = io.BytesIO()
    subset.save_font(font, result, options)
    target.write_bytes(result.getvalue())
    covered = len(TTFont(target).getBestCmap())
    print(f"{target.name}: {covered} characters, {target.stat().st_size / 1024:.0f} KiB")


def add_thin_spaces(font: TTFont) -> None:
    for table in font["cmap"].tables:
        if table.isUnicode() and 0x20 in table.cmap:
            table.cmap |= {code: table.cmap[0x20] for code in THIN_SPACES if code not in table.cmap}


def add_word_joiner(font: TTFont) -> None:
    """What keeps a Japanese phrase on a line (app/ui/phrases.py): with no glyph, Flutter asks for a font."""
    font.setGlyphOrder([*font.getGlyphOrder(), WORD_JOINER_GLYPH])
    font["glyf"][WORD_JOINER_GLYPH] = Glyph()
    font["hmtx"][WORD_JOINER_GLYPH] = (0, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[0x2060] = WORD_JOINER_GLYPH


def lower_ellipsis(font: TTFont) -> None:
    """Have … stand on the line, as in Latin text and on Japanese phones; the font's own floats above it."""
    cmap, glyphs = font.getBestCmap(), font["glyf"]
    if ELLIPSIS not in cmap:
        return
    stop = cmap[ord(".")]
    width, bearing = font["hmtx"][stop]
    pen = TTGlyphPen(glyphs)
    for place in range(3):
        pen.addComponent(stop, (1, 0, 0, 1, place * width, 0))
    glyphs[cmap[ELLIPSIS]] = dots = pen.glyph()
    dots.recalcBounds(glyphs)
    font["hmtx"][cmap[ELLIPSIS]] = (3 * width, bearing)


def write_licence(japanese: Path, emoji: Path) -> None:
    """Keep the licence beside the fonts; its text is the same for both but for the copyright line."""
    text = (japanese / "LICENSE_FONT").read_text(encoding="utf-8")
    copyrights = [
        (package / "LICENSE_FONT").read_text(encoding="utf-8").splitlines()[0]
        for package in (japanese, emoji)
    ]
    body = text.split("\n", 1)[1]
    (FONTS / "OFL.txt").write_text("\n".join(copyrights) + "\n" + body, encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        japanese, emoji = fetch(JAPANESE, Path(first)), fetch(EMOJI, Path(second))
        characters = japanese_characters()
        for folder, style in (("400Regular", "Regular"), ("600SemiBold", "SemiBold")):
            source = japanese / folder / f"NotoSansJP_{folder}.ttf"
            features = ["kern", "ccmp", "mark"]
            write_subset(source, FONTS / f"NotoSansJP-{style}.woff2", characters, features)
            latin = ASSETS / "web" / "fonts" / f"NotoSansLatin-{style}.woff2"
            write_subset(source, latin, latin_characters(), features)
        # All of them: clients send what they like, and a sign that is missing is a box.
        signs = emoji / "400Regular" / "NotoEmoji_400Regular.ttf"
        write_subset(signs, FONTS / "NotoEmoji-Regular.woff2", set(TTFont(signs).getBestCmap()), ["ccmp"])
        write_licence(japanese, emoji)


if __name__ == "__main__":
    main()
