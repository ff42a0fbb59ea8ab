"""What left, in order of time: whoever learns from it reads on from where they were."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("outbound", "0006_manner")]
    operations = [
        migrations.RunSQL("CREATE INDEX delivery_left ON delivery (changed_at, id) WHERE state = 'sent'")
    ]
