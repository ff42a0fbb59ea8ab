"""When a channel's own reading showed a post that we had sent: proof that it stands there."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("outbound", "0004_wishes")]
    operations = [migrations.RunSQL("ALTER TABLE delivery ADD COLUMN seen_at timestamptz")]
