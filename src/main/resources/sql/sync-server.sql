-- A database server syncs its log at commit itself (innodb_flush_log_at_trx_commit = 1).
do 0
