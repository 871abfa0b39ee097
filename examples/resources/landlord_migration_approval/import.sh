# The digest, and behind a slash the tenant when the approval is for one.
terraform import landlord_migration_approval.ministry sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/ministry
