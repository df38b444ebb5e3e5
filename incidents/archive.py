"""The archive of a finished matter as one PDF: what was asked, every step with its words, the papers, who signed.

The papers lie in it twice: to be seen as pages, and as files to be taken out again unchanged.

Pure: no Django, no database. WeasyPrint is large: only jobs import this.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import weasyprint
from PIL import ImageFile
from weasyprint.urls import URLFetcher, URLFetcherResponse

from incidents.dossier import Dossier, Paper

ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns it on for the whole process: half a photo is no photo

ZONE = ZoneInfo("Asia/Shanghai")
STYLE = """
@page { size: A4; margin: 22mm 18mm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt; color: #555; } }
body { font-family: "Noto Sans CJK SC", "Noto Sans SC", sans-serif; font-size: 10.5pt; line-height: 1.55; color: #111; }
h1 { font-size: 17pt; margin: 0 0 4mm; } h2 { font-size: 12.5pt; margin: 7mm 0 2mm; }
table { width: 100%; border-collapse: collapse; } th, td { border: 0.4pt solid #999; padding: 1.6mm 2mm; }
th, td { text-align: left; vertical-align: top; }
th { background: #f1f3f5; font-weight: 600; } .head th { width: 22%; } td.words { white-space: pre-line; }
figure { margin: 0; break-before: page; } figure img { max-width: 100%; max-height: 225mm; } figcaption { color: #555; }
.foot { margin-top: 7mm; color: #555; font-size: 9pt; }
"""


class Inside(URLFetcher):  # type: ignore[misc]  # weasyprint ships no types
    """Nothing is fetched from anywhere: pictures are in the document itself."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.startswith("data:"):
            raise ValueError(f"an archive loads nothing: {url[:80]}")
        return super().fetch(url, headers)


def render(dossier: Dossier) -> bytes:
    """The PDF, not yet signed."""
    files = [weasyprint.Attachment(string=p.jpeg, name=p.name, description=p.name) for p in dossier.papers]
    html = weasyprint.HTML(string=_page(dossier), url_fetcher=Inside())
    return bytes(html.write_pdf(attachments=files))


def _page(d: Dossier) -> str:
    head = [
        ("编号 Number", d.number), ("类别 Class", d.kind), ("所在地 Area", d.area), ("依据 Basis", d.basis),
        ("登记 Registered", _time(d.registered_at)), ("办结 Ended", _time(d.ended_at)), ("结果 Outcome", d.outcome),
        ("情况 Description", d.description),
    ]  # fmt: skip
    steps = [(_time(m.at), m.stage, m.what, m.who, m.words) for m in d.moments]
    signed = [(s.stage, s.name, _time(s.at)) for s in d.signatures]
    papers = "".join(_figure(paper) for paper in d.papers)
    return f"""<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{escape(d.number)}</title>
        <style>{STYLE}</style></head><body>
        <h1>办理档案 <small>Archive of a case</small></h1>
        <table class="head">{"".join(f"<tr><th>{escape(n)}</th><td class=words>{escape(v)}</td></tr>" for n, v in head)}</table>
        <h2>办理经过 Steps</h2>{_table(("时间", "步骤", "办理", "经办人", "意见或理由"), steps)}
        <h2>签名 Signatures</h2>{_table(("步骤", "签名人", "时间"), signed) if signed else "—"}
        <p class="foot">本文件由 {escape(d.office)} 以数字证书签署；任何一个字节改动都会使签名失效。签名可在系统的“核验档案”页核验。<br>
        Signed with the certificate of {escape(d.office)}: a change of a single byte breaks the signature.</p>
        {papers}</body></html>"""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td class=words>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _figure(paper: Paper) -> str:
    data = base64.b64encode(paper.jpeg).decode()
    return f'<figure><figcaption>{escape(paper.name)}</figcaption><img src="data:image/jpeg;base64,{data}"></figure>'


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"
