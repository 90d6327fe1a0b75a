"""Files of texts: CSV, TSV, XLSX or one text a line, read with care and written back so that no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2demo.errors import BadInput

MOST_BYTES = 20 * 2**20
MOST_ROWS = 100_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet calculate a cell (OWASP, CSV injection)


@dataclass(frozen=True)
class Table:
    """Named columns of texts; every row has a cell for each."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def column(self, name: str) -> list[str]:
        """The cells of a column; raises `BadInput` if there is none of that name."""
        if name not in self.columns:
            known = ", ".join(map(repr, self.columns))
            raise BadInput(f"The file has no column {name!r}.", f"It has {known}.")
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def read(path: Path) -> Table:
    """The table in a file, by its ending; raises `BadInput` for one that is empty, too large or no text.

    A file that is no table, `.txt` or a single column without a name, becomes the column `text`, a text a line.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BadInput(
            f"{path.name} has {size / 2**20:,.0f} MB, more than the {MOST_BYTES / 2**20:.0f} MB that can be read at once.",
            "Split it.",
        )
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        records = _sheet(path)
    else:
        records = _lines(decoded(path.read_bytes(), path.name), path.suffix.lower())
    records = [record for record in records if any(cell.strip() for cell in record)]
    if len(records) > MOST_ROWS + 1:
        raise BadInput(f"{path.name} has more than {MOST_ROWS:,} rows.", "Split it.")
    if len(records) < 2:
        raise BadInput(f"{path.name} holds no rows.", "The first line names the columns, each other line is a row.")
    return _table(records)


def _table(records: list[list[str]]) -> Table:
    names = [name.strip() or f"column {i + 1}" for i, name in enumerate(records[0])]
    names = [name if names.index(name) == i else f"{name} ({i + 1})" for i, name in enumerate(names)]
    width = max(map(len, records))
    names += [f"column {i + 1}" for i in range(len(names), width)]
    return Table(tuple(names), [tuple(record) + ("",) * (width - len(record)) for record in records[1:]])


def decoded(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else Windows-1252; raises `BadInput` for what is no text."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:65536]:
        raise BadInput(f"{name} is not a text file.", "CSV, TSV, XLSX and plain text can be read.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:  # line by line, so that one foreign line does not spoil the others
        return "\n".join(_line(line) for line in data.split(b"\n"))


def _line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _lines(text: str, suffix: str) -> list[list[str]]:
    csv.field_size_limit(MOST_BYTES)
    first = text.lstrip().split("\n", 1)[0]
    delimiter = "\t" if suffix == ".tsv" or "\t" in first else ";" if first.count(";") > first.count(",") else ","
    if suffix == ".txt" or (suffix not in (".csv", ".tsv") and delimiter == ","):
        return [["text"], *([line.strip()] for line in text.splitlines())]
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadInput(f"The table cannot be read: {error}.", "Save it as CSV again.") from error


def _sheet(path: Path) -> list[list[str]]:
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2)
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError) as error:
        raise BadInput(
            f"{path.name} is not a workbook that can be read ({error}).", "Save it as XLSX or CSV again."
        ) from error


def text_column(table: Table, wanted: str | None = None) -> str:
    """The column that holds the texts: the one asked for, else `text`, else the only one of text, else `BadInput`."""
    if wanted:
        table.column(wanted)
        return wanted
    if "text" in table.columns:
        return "text"
    wordy = [name for name in table.columns if _wordy(table.column(name)[:200])]
    if len(wordy) != 1:
        known = ", ".join(map(repr, table.columns))
        raise BadInput(f"It is not clear which column holds the texts: {known}.", "Name it.")
    return wordy[0]


def _wordy(cells: Sequence[str]) -> bool:
    """Whether most cells hold several words."""
    return sum(len(cell.split()) > 2 for cell in cells) > len(cells) / 2


def safe(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as CSV (UTF-8 with a mark, so that spreadsheets read it right)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([safe(name) for name in columns])
        writer.writerows([safe(cell) for cell in row] for row in rows)


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as an Excel workbook."""
    import openpyxl
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    def plain(cell: object) -> object:
        return safe(ILLEGAL_CHARACTERS_RE.sub("", cell)) if isinstance(cell, str) else cell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (columns, *rows):
        sheet.append([plain(cell) for cell in row])
    book.save(path)
