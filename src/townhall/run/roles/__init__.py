"""The process roles: ``web``, ``live``, ``worker``, ``clock``. Each module's ``main`` runs until told to stop."""
