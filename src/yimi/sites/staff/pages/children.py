"""Children: the list to find one, and one child's file on a single line of time."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.accounts.selectors import names_of
from yimi.apps.alerts import selectors as alerts
from yimi.apps.evaluation import ledgers, live
from yimi.apps.places.selectors import organization_names
from yimi.apps.records import selectors as records
from yimi.apps.register import selectors as register
from yimi.apps.register.selectors import ChildFile
from yimi.apps.tasks import selectors as tasks
from yimi.apps.tasks import states
from yimi.engines.due.items import DueRow
from yimi.lib.dates import add_months
from yimi.pack.load import Pack
from yimi.sites.staff.pages import figures, growth_charts, lifelines, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of
