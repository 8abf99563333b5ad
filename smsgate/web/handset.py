"""placeholder until the simulated phone lands"""

from flask import Blueprint

from smsgate.service import Service


def handset(service: Service) -> Blueprint:
    """Nothing yet."""
    return Blueprint("handset", __name__)
