-- A routine keeps the sql_mode under which it was made
-- before
SET @old = @@sql_mode;
SET sql_mode = '';
CREATE PROCEDURE p() SELECT 1;
SET sql_mode = @old;
CREATE PROCEDURE q() SELECT 1;
-- after
CREATE PROCEDURE p() SELECT 1;
SET @old = @@sql_mode;
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';
CREATE PROCEDURE q() SELECT 1;
SET sql_mode = @old;
-- expect
drop_procedure: DROP PROCEDURE `p`
create_procedure: CREATE DEFINER=me PROCEDURE `p`() SELECT 1
drop_procedure: DROP PROCEDURE `q`
create_procedure: CREATE DEFINER="landlord_admin"@"%" PROCEDURE "q"() SELECT 1
