-- landlord:description: Membership plans for users: subscriptions with periods, and what each plan includes

CREATE TABLE membership_plans (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name          VARCHAR(100) NOT NULL,
  description   VARCHAR(500) NULL,
  price         DECIMAL(19,4) NOT NULL DEFAULT 0
                COMMENT 'For one period, in currency',
  currency      CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                COMMENT 'ISO 4217',
  period_months SMALLINT UNSIGNED NULL
                COMMENT 'NULL: for life',
  is_offered    TINYINT(1) NOT NULL DEFAULT 1
                COMMENT '0: existing subscriptions run on, new ones are not sold',
  created_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_membership_plans_code (code),
  CONSTRAINT ck_membership_plans_price CHECK (price >= 0),
  CONSTRAINT ck_membership_plans_currency CHECK (currency REGEXP '^[A-Z]{3}$'),
  CONSTRAINT ck_membership_plans_period CHECK (period_months >= 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Kinds of membership that people can take';

CREATE TABLE membership_benefits (
  plan_id     INT UNSIGNED NOT NULL,
  code        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  description VARCHAR(500) NULL,
  PRIMARY KEY (plan_id, code),
  KEY ix_membership_benefits_code (code),
  CONSTRAINT fk_membership_benefits_plan FOREIGN KEY (plan_id)
    REFERENCES membership_plans (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='What a plan includes';

CREATE TABLE membership_subscriptions (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id      BIGINT UNSIGNED NOT NULL,
  plan_id      INT UNSIGNED NOT NULL,
  status       ENUM('pending','active','cancelled') NOT NULL DEFAULT 'pending'
               COMMENT 'Expiry follows from ends_on and needs no status',
  starts_on    DATE NOT NULL,
  ends_on      DATE NULL
               COMMENT 'Last day; NULL: for life',
  auto_renew   TINYINT(1) NOT NULL DEFAULT 0,
  price        DECIMAL(19,4) NOT NULL
               COMMENT 'As agreed: later prices of the plan do not change it',
  currency     CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
               COMMENT 'ISO 4217',
  cancelled_at DATETIME(6) NULL,
  created_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_membership_subscriptions_user (user_id, starts_on),
  KEY ix_membership_subscriptions_plan (plan_id, status),
  KEY ix_membership_subscriptions_due (status, ends_on),
  CONSTRAINT fk_membership_subscriptions_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT fk_membership_subscriptions_plan FOREIGN KEY (plan_id)
    REFERENCES membership_plans (id) ON DELETE RESTRICT,
  CONSTRAINT ck_membership_subscriptions_period CHECK (ends_on >= starts_on),
  CONSTRAINT ck_membership_subscriptions_price CHECK (price >= 0),
  CONSTRAINT ck_membership_subscriptions_currency CHECK (currency REGEXP '^[A-Z]{3}$')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Memberships of users, one row a period';

-- Subscriptions in force today (UTC).
CREATE SQL SECURITY INVOKER VIEW current_membership_subscriptions AS
SELECT
  s.id        AS subscription_id,
  s.user_id   AS user_id,
  p.code      AS plan_code,
  s.starts_on AS starts_on,
  s.ends_on   AS ends_on,
  s.auto_renew AS auto_renew
FROM membership_subscriptions AS s
JOIN membership_plans AS p ON p.id = s.plan_id
WHERE s.status = 'active'
  AND s.starts_on <= UTC_DATE()
  AND (s.ends_on IS NULL OR s.ends_on >= UTC_DATE());
