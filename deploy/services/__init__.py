"""``./adm services``: the table of all services, the check of service and district files, and every way played."""
