"""The only folder that knows SQL and the disk: schema, migrations, blobs, ledger, inbox, submissions, outbox, tasks."""
