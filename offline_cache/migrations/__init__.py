"""The steps of the index' schema, oldest first, run by Alembic at open. Forward only; a copy is made before."""

HEAD = "0005"
