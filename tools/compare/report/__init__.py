"""The report of a comparison: one HTML file that opens offline, a CSV for spreadsheets, and the JSON it can be made from again.

from tools.compare.report import write_report
files = write_report(comparison, Path("out"))
"""

from tools.compare.report.changes import Change, changes
from tools.compare.report.html import as_html
from tools.compare.report.tables import as_csv, as_json, read_comparison
from tools.compare.report.write import ReportFiles, write_report

__all__ = ["Change", "ReportFiles", "as_csv", "as_html", "as_json", "changes", "read_comparison", "write_report"]
