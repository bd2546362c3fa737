"""APIs whose shape others have laid down: each says its addresses, types and errors, and all are run the same way."""
