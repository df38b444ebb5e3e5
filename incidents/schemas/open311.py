"""Shapes of Open311 GeoReport v2: names and order are the standard's."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, Field

from gridmap.http import Words
from incidents.open311 import LONGEST, MOST

# "A null parameter is equivalent to one that was not declared."
BLANK = BeforeValidator(lambda given: None if given == "" else given)
Latitude = Annotated[Annotated[float, Field(ge=-90, le=90)] | None, BLANK]
Longitude = Annotated[Annotated[float, Field(ge=-180, le=180)] | None, BLANK]


class Jurisdiction(Schema):
    jurisdiction_id: Annotated[Words, Field(max_length=15)] = Field(
        "", description="an area code; empty: all that the key may see"
    )


class RequestsIn(Jurisdiction):
    """Which requests."""

    service_request_id: Annotated[Words, Field(max_length=40_000)] = Field(
        "", description="several by commas; overrides all else"
    )
    service_code: Annotated[Words, Field(max_length=4000)] = Field("", description="several by commas")
    start_date: Words = Field("", description="with its offset from UTC; at most 90 days are answered")
    end_date: Words = ""
    status: Words = Field("", description="open, closed, or both by a comma")
    page: Annotated[int, BeforeValidator(lambda given: given or 1), Field(ge=1, le=1_000_000)] = 1
    page_size: Annotated[int, BeforeValidator(lambda given: given or MOST), Field(ge=1, le=MOST)] = MOST


class RequestIn(Jurisdiction):
    """A report. Who reports is not taken: name, telephone, e-mail, device and account are read by nobody and kept nowhere."""

    service_code: Annotated[Words, Field(max_length=100)] = Field("", description="required")
    lat: Latitude = Field(None, description="required: no address is looked up here")
    long: Longitude = Field(None, description="required")
    address_string: Annotated[Words, Field(max_length=200)] = ""
    address_id: Words = Field("", description="not used")
    description: Annotated[Words, Field(max_length=LONGEST)] = ""
    media_url: Words = Field("", description="not fetched: no address that others name is opened by this server")
    email: Words = Field("", description="not kept")
    first_name: Words = Field("", description="not kept")
    last_name: Words = Field("", description="not kept")
    phone: Words = Field("", description="not kept")
    device_id: Words = Field("", description="not kept")
    account_id: Words = Field("", description="not kept")


class Endpoint(Schema):
    specification: str
    url: str
    changeset: str
    type: Literal["production", "test"]
    formats: list[str]


class Discovery(Schema):
    changeset: str
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class Service(Schema):
    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: Literal["realtime"]
    keywords: str
    group: str


class AttributeValue(Schema):
    key: str
    name: str


class ServiceAttribute(Schema):
    variable: bool
    code: str
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: list[AttributeValue]


class ServiceDefinition(Schema):
    service_code: str
    attributes: list[ServiceAttribute]


class Created(Schema):
    service_request_id: str
    service_notice: str
    account_id: None


class TokenOut(Schema):
    service_request_id: str
    token: str


class ServiceRequest(Schema):
    """What a resident may see of a case: no words of anybody, no name, the place to ten metres."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str
    service_name: str
    service_code: str
    description: None
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: AwareDatetime
    updated_datetime: AwareDatetime
    expected_datetime: AwareDatetime | None
    address: str
    address_id: None
    zipcode: None
    lat: float | None
    long: float | None
    media_url: None


class Error(Schema):
    code: int
    description: str
