-- The moment at which an event was made is no difference
-- before
CREATE EVENT e1 ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;
-- after
DO SLEEP(1.1);
CREATE EVENT e1 ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;
-- expect
nothing
