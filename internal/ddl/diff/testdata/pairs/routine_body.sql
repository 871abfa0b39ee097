-- A body with loops, handlers and quotes
-- before
CREATE PROCEDURE p() SELECT 1;
-- after
DELIMITER $$
CREATE PROCEDURE p(IN n INT)
BEGIN
  DECLARE i INT DEFAULT 0;
  DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
  top: LOOP
    SET i = i + 1;
    IF i > n THEN LEAVE top; END IF;
    REPEAT SET @s = CONCAT('a;b', "c'd", `i`); UNTIL TRUE END REPEAT;
  END LOOP;
  /* the end */
END$$
DELIMITER ;
-- expect
drop_procedure: DROP PROCEDURE `p`
create_procedure: CREATE DEFINER=me PROCEDURE `p`(IN n INT) BEGIN DECLARE i INT DEFAULT 0; DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; top: LOOP SET i = i + 1; IF i > n THEN LEAVE top; END IF; REPEAT SET @s = CONCAT('a;b', "c'd", `i`); UNTIL TRUE END REPEAT; END LOOP; /* the end */ END
