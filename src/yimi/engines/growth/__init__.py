"""Growth of children: z-scores by WHO 2006/2007 and by the Chinese standards, flags, names, charts.

    who = load_standard("who")
    assess({"sex": [1], "age_days": [400], "weight_kg": [9.2], "height_cm": [75.0]}, who)

Pure NumPy over whole columns; the tables and every limit are data in `packs/china/growth`.
"""

from __future__ import annotations

from yimi.engines.growth.assess import assess, assess_table
from yimi.engines.growth.classify import band_name, bmi_class_school, classify, classify_all
from yimi.engines.growth.curves import curve, growth_lms_table, growth_sd_table
from yimi.engines.growth.faltering import Falterings, faltering
from yimi.engines.growth.tables import INDICATORS, Standard, load_standard
from yimi.engines.growth.units import UnitHint, plausible_unit
from yimi.engines.growth.zscores import bmi, implausible, standard_height, zscores

__all__ = [
    "INDICATORS",
    "Falterings",
    "Standard",
    "UnitHint",
    "assess",
    "assess_table",
    "band_name",
    "bmi",
    "bmi_class_school",
    "classify",
    "classify_all",
    "curve",
    "faltering",
    "growth_lms_table",
    "growth_sd_table",
    "implausible",
    "load_standard",
    "plausible_unit",
    "standard_height",
    "zscores",
]
