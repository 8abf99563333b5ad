"""The form for how members reach a survey; it is saved on its own, or when the survey is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from smsgate.core.errors import Invalid
from smsgate.models import Survey
from smsgate.surveys import surveys
from smsgate.surveys.surveys import SurveyAccess
from smsgate.web.console.pages import Form, changed_meanwhile, fingerprint
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class ReachForm(Form):
    """How members reach the survey."""

    in_menu = BooleanField()
    after_joining = BooleanField()
    keyword = StringField(validators=[Length(max=20)])
    code = StringField(validators=[Length(max=8)])
    tell = BooleanField()  # tell members once it is published

    def access(self) -> SurveyAccess:
        """Return the ways that were chosen."""
        return SurveyAccess(
            bool(self.in_menu.data), bool(self.after_joining.data), self.keyword.data or "", self.code.data or ""
        )

    def save(self, session: Session, one: Survey, service: Service) -> bool:
        """Save the ways; if that is refused, set a field's error and return False."""
        session.refresh(one, with_for_update=True)
        if changed_meanwhile(self, reach_of(one)):
            self.keyword.errors = [_("Someone else changed this in the meantime. Save again to keep what you typed.")]
            self.renew(fingerprint(reach_of(one)))
            return False
        try:
            with session.begin_nested():
                surveys.set_access(session, one, self.access(), service.settings.service_code)
        except Invalid:
            self.keyword.errors = [
                _("The word or code is taken or can't be used. A word has 3 to 20 letters, a code 3 to 7 digits.")
            ]
            session.refresh(one)
            return False
        return True


def reach_form(one: Survey) -> ReachForm:
    """Return the form filled in with the survey's saved ways."""
    form = ReachForm(formdata=None, seen=fingerprint(reach_of(one)))
    form.in_menu.data, form.after_joining.data = one.in_menu, one.after_joining
    form.keyword.data, form.code.data = one.keyword or "", one.code or ""
    if one.version_id is None:  # the usual choice for a new survey
        form.in_menu.data, form.tell.data = True, True
    return form


def reach_of(one: Survey) -> SurveyAccess:
    """Return the saved ways."""
    return SurveyAccess(one.in_menu, one.after_joining, one.keyword or "", one.code or "")
