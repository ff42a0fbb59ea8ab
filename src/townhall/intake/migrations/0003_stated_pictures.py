"""What a server says of itself about pictures: how many go with a post, and how large one may be."""

from django.db import migrations

_COLUMNS = """
ALTER TABLE account_health ADD COLUMN max_pictures integer, ADD COLUMN picture_bytes bigint, ADD COLUMN alt_length integer
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_uploads")]
    operations = [migrations.RunSQL(_COLUMNS)]
