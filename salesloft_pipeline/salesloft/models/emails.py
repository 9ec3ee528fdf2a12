"""Emails, the templates they are written from, and what waits to be sent."""

from __future__ import annotations

from pydantic import Field

from .base import Counts, Dated, Flag, Instant, Integer, Json, Record, Reference, Text, TextReference, about


class EmailCounts(Counts):
    """Engagement with one email; moves for weeks after sending (definition `EmailCounts`)."""

    clicks: Integer = about("Clicks on links in the email, repeats included; needs click tracking.")
    views: Integer = about("Opens of the email, repeats included; needs view tracking.")
    replies: Integer = about("Replies the email received.")
    unique_devices: Integer = about("Distinct devices that opened the email.")
    unique_locations: Integer = about("Distinct locations the email was opened from.")
    attachments: Integer = about("Attachments on the email.")


class Email(Dated):
    """One row per email sent, scheduled or failed. (GET /activities/emails, definition `Email`)

    Mutable for weeks: opens, clicks, replies and bounces all change this one row.
    """

    id: int = Field(description="SalesLoft's id of the email.")
    recipient_email_address: Text = about("Address the email went to.")
    status: Text = about(
        "Progress of sending: sent, sent_from_gmail, sent_from_external, pending, pending_reply_check, scheduled, "
        "sending, delivering, failed, cancelled, pending_through_gmail or pending_through_external."
    )
    bounced: Flag = about("True when the email bounced; the status stays sent.")
    send_after: Instant = about(
        "When the email was due to go out; stays set after sending, despite the vendor's text."
    )
    sent_at: Instant = about("When the email was sent; null while unsent.")
    view_tracking: Flag = about("True when opens were tracked; without it views stay zero.")
    click_tracking: Flag = about("True when clicks were tracked; without it clicks stay zero.")
    message_id: Text = about("Message-ID header of the email.")
    headers: Json = about("Copied addresses, as an object with cc and bcc when used.")
    personalization: Text = about(
        "Share of the text that was personalised, a percentage as text such as 13.4."
    )
    subject: Text = about("Subject line; null unless read with the privileged scope email_contents:read.")
    body: Text = about("Body of the email; null unless read with the privileged scope email_contents:read.")
    error_message: Text = about("Why sending failed; null unless read with a privileged scope.")
    draft_with_ai: Flag = about("True when the draft was written with AI assistance.")
    counts: EmailCounts | None = about("Engagement counters of the email.")
    user: Reference | None = about("User who sent the email.")
    recipient: Reference | None = about("Person the email went to.")
    mailing: Reference | None = about("Mailing the email belongs to.")
    action: Reference | None = about("Cadence action the email fulfilled.")
    task: Reference | None = about("Task the email fulfilled.")
    crm_activity: Reference | None = about("CRM activity the email was logged as.")
    cadence: Reference | None = about("Cadence the email was sent from; null for a one-off email.")
    step: Reference | None = about("Cadence step the email was sent from.")
    email_template: Reference | None = about("Template the email was written from.")
    additional_recipients: Json = about("Further people addressed, as a list of references.")


class TemplateCounts(Counts):
    """Lifetime use of one template (definitions `EmailTemplateCounts`, `TeamTemplateCounts`)."""

    sent_emails: Integer = about("Emails sent from the template.")
    views: Integer = about("Opens of those emails.")
    clicks: Integer = about("Clicks on links in those emails.")
    replies: Integer = about("Replies to those emails.")
    bounces: Integer = about("Those emails that bounced.")


class EmailTemplate(Dated):
    """One row per email template of a user. (GET /email_templates, definition `EmailTemplate`)"""

    id: int = Field(description="SalesLoft's id of the email template.")
    title: Text = about("Name of the template.")
    subject: Text = about("Subject line of the template.")
    body: Text = about("Body as sanitised HTML, without the signature.")
    body_preview: Text = about("First 100 characters of the body as plain text.")
    last_used_at: Instant = about("When an email was last sent from the template.")
    archived_at: Instant = about("When the template was archived; null while in use.")
    shared: Flag = about("True when team members can see the template.")
    open_tracking_enabled: Flag = about("True when emails from the template track opens.")
    click_tracking_enabled: Flag = about("True when emails from the template track clicks.")
    cadence_template: Flag = about("True when the template exists only inside a cadence step.")
    counts: TemplateCounts | None = about("Lifetime counters of the template.")
    template_owner: Reference | None = about("User who owns the template.")
    team_template: TextReference | None = about("Team template this one was made from.")
    tags: Json = about("Tags on the template, as a list of names.")
    groups: Json = about("Groups the template is assigned to, as a list of references.")


class TeamTemplate(Dated):
    """One row per template of the whole team. (GET /team_templates, definition `TeamTemplate`)"""

    id: str = Field(description="SalesLoft's id of the team template, a uuid.")
    title: Text = about("Name of the template.")
    subject: Text = about("Subject line of the template.")
    body: Text = about("Body of the template as HTML.")
    body_preview: Text = about("First 100 characters of the body as plain text.")
    last_used_at: Instant = about("When an email was last sent from the template.")
    archived_at: Instant = about("When the template was archived; null while in use.")
    last_modified_at: Instant = about("When a user last edited the template.")
    open_tracking_enabled: Flag = about("True when emails from the template track opens.")
    click_tracking_enabled: Flag = about("True when emails from the template track clicks.")
    counts: TemplateCounts | None = about("Lifetime counters of the template.")
    last_modified_user: Reference | None = about("User who last edited the template.")
    groups: Json = about("Groups the template is assigned to, as a list of references.")
    tags: Json = about("Tags on the template, as a list of names.")


class EmailTemplateAttachment(Record):
    """One row per file attached to an email template.

    (GET /email_template_attachments, `EmailTemplateAttachment`)
    """

    id: int = Field(description="SalesLoft's id of the link between template and file.")
    attachment_id: Integer = about("Id of the file; the same file may hang on several templates.")
    email_template: Reference | None = about("Template the file is attached to.")
    name: Text = about("File name.")
    download_url: Text = about("Address to download the file from.")
    attachment_file_size: Integer = about("Size of the file in bytes.")
    scanned: Flag = about("True when the file has been scanned.")
    attachment_content_type: Text = about("Media type of the file, such as image/png.")
    attachment_fingerprint: Text = about("Checksum that identifies the file's content.")


class TeamTemplateAttachment(Record):
    """One row per file attached to a team template.

    (GET /team_template_attachments, `TeamTemplateAttachment`)
    """

    id: int = Field(description="SalesLoft's id of the link between team template and file.")
    attachment_id: Integer = about("Id of the file; the same file may hang on several templates.")
    team_template: TextReference | None = about("Team template the file is attached to.")
    name: Text = about("File name.")
    download_url: Text = about("Address to download the file from.")
    attachment_file_size: Integer = about("Size of the file in bytes.")


class PendingEmail(Record):
    """One row per email waiting for an outside sender; a work queue, not history.

    (GET /pending_emails, `PendingEmail`)
    """

    id: int = Field(description="SalesLoft's id of the email.")
    mailbox: Text = about("Address of the mailbox the email will leave from.")
    mime_email_payload: Reference | None = about("MIME payload to be sent.")
