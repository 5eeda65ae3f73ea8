from tests.spec.acceptance import ROOT
PAGE = ROOT / "docs" / "reference" / "rules.md"
def page() -> str:
    return ""
