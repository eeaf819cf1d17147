"""The office's end: enrolment, intake, status feed and the pages of the registry officers."""
