"""Which care intent an intent of the public sets is. What no agent would act on differently is one intent."""

INTENTS = (
    "account", "billing", "cancel", "card", "complaint", "contact", "delivery", "fraud", "how_to", "order",
    "other", "outage", "payment", "praise", "refund",
)  # fmt: skip

_BANKING = {
    "account": "age_limit edit_personal_details why_verify_identity unable_to_verify_identity passcode_forgotten "
    "terminate_account verify_source_of_funds verify_my_identity pin_blocked change_pin",
    "billing": "extra_charge_on_statement card_payment_fee_charged transaction_charged_twice transfer_fee_charged "
    "cash_withdrawal_charge exchange_charge top_up_by_card_charge top_up_by_bank_transfer_charge "
    "card_payment_wrong_exchange_rate wrong_exchange_rate_for_cash_withdrawal wrong_amount_of_cash_received "
    "balance_not_updated_after_cheque_or_cash_deposit balance_not_updated_after_bank_transfer",
    "cancel": "cancel_transfer",
    "card": "card_linking card_not_working lost_or_stolen_card contactless_not_working "
    "supported_cards_and_currencies getting_virtual_card card_acceptance get_physical_card visa_or_mastercard "
    "disposable_card_limits card_swallowed getting_spare_card order_physical_card virtual_card_not_working "
    "get_disposable_virtual_card activate_my_card card_about_to_expire",
    "delivery": "card_arrival card_delivery_estimate",
    "fraud": "card_payment_not_recognised compromised_card direct_debit_payment_not_recognised "
    "lost_or_stolen_phone cash_withdrawal_not_recognised",
    "how_to": "exchange_rate fiat_currency_support exchange_via_app automatic_top_up atm_support top_up_limits "
    "country_support apple_pay_or_google_pay topping_up_by_card top_up_by_cash_or_cheque",
    "payment": "pending_cash_withdrawal pending_top_up transfer_not_received_by_recipient declined_cash_withdrawal "
    "pending_card_payment declined_transfer declined_card_payment pending_transfer transfer_timing "
    "beneficiary_not_allowed receiving_money failed_transfer transfer_into_account verify_top_up top_up_failed "
    "top_up_reverted",
    "refund": "request_refund Refund_not_showing_up reverted_card_payment?",
}
_CLINC = {
    "account": "account_blocked change_user_name user_name pin_change",
    "billing": "bill_balance bill_due min_payment international_fees",
    "cancel": "cancel cancel_reservation",
    "card": "replacement_card_duration new_card damaged_card freeze_account report_lost_card card_declined",
    "fraud": "report_fraud",
    "how_to": "sync_device redeem_rewards reset_settings improve_credit_score",
    "order": "order_status order order_checks application_status",
    "payment": "pay_bill transfer direct_deposit",
    "praise": "thank_you",
    "delivery": "lost_luggage",
}
_BITEXT = {
    "account": "create_account delete_account edit_account switch_account recover_password registration_problems",
    "billing": "check_invoice get_invoice",
    "cancel": "cancel_order check_cancellation_fee",
    "complaint": "complaint",
    "contact": "contact_customer_service contact_human_agent",
    "delivery": "delivery_options delivery_period change_shipping_address set_up_shipping_address",
    "how_to": "check_payment_methods",
    "order": "change_order place_order track_order",
    "other": "newsletter_subscription review",
    "payment": "payment_issue",
    "refund": "check_refund_policy get_refund track_refund",
}


def _turned(intents: dict[str, str]) -> dict[str, str]:
    return {name: intent for intent, names in intents.items() for name in names.split(" ")}


OF_SET = {"banking77": _turned(_BANKING), "clinc150": _turned(_CLINC), "bitext": _turned(_BITEXT)}
"""Set → its intent → ours. What is missing here is ``other``."""
