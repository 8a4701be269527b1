"""Mail, calendar, contacts, notes and messages of the user: ports, plain files, real servers."""
