"""An entry of the log is never edited: the database refuses it, whoever asks. Old entries may be deleted once archived."""

from django.db import migrations

KEPT = """
create function gridmap_log_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'entry % of % stands in the log as it happened: record a new event instead', old.seq, old.stream;
end $$;
create trigger gridmap_log_is_kept before update on gridmap_streamevent
    for each row execute function gridmap_log_is_kept();
"""
UNDO = "drop trigger gridmap_log_is_kept on gridmap_streamevent; drop function gridmap_log_is_kept()"


class Migration(migrations.Migration):
    dependencies = [("gridmap", "0003_department_end")]
    operations = [migrations.RunSQL(KEPT, UNDO)]
