-- A job's keys are of use while an attempt of it may still come late: long past after a week.
delete from idempotent_keys where processorName = 'keep' and createdAt < :#${variable.aWeekAgo}
