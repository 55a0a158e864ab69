-- H2 does not fsync at commit: a power cut would take what was accepted.
checkpoint sync
