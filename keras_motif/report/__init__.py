"""One self-contained page that shows what the filters of networks have learned."""

from keras_motif.report._tables import largest_sites
from keras_motif.report.page import write_report
from keras_motif.report.sections import ReportRun

__all__ = ["ReportRun", "largest_sites", "write_report"]
