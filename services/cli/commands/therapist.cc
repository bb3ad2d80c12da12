// rapport therapist get, list, confirm, delete.
#include <memory>
#include <optional>

#include "services/cli/commands/bindings.h"
#include "services/cli/commands/therapist_pages.h"
#include "services/cli/flags.h"
#include "services/cli/json.h"
#include "services/cli/views/profile.h"
#include "services/contract/limits.h"

namespace rapport::cli {

Action BindTherapistGet(CLI::App& app) {
  auto request = std::make_shared<directory::v1::GetTherapistRequest>();
  app.add_option("THERAPIST", *request->mutable_therapist_id(), "Id of the therapist")->required();
  return Online([request](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    const auto response = services.Call(&DirectoryStub::GetTherapist, *request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      PrintProfile(session.out, response->therapist());
    }
    return ExitCode::kOk;
  });
}

Action BindTherapistList(CLI::App&) {
  return Online([](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    std::vector<therapist::v1::Therapist> profiles;
    absl::Status status = ForEachTherapist(services, [&](const therapist::v1::Therapist& profile) {
      if (session.json) {
        session.out << ToJsonLine(profile) << "\n";
      } else {
        profiles.push_back(profile);
      }
    });
    if (!status.ok()) return status;
    if (!session.json) PrintProfiles(session.out, profiles);
    return ExitCode::kOk;
  });
}

Action BindTherapistConfirm(CLI::App& app) {
  struct Flags {
    directory::v1::ConfirmAvailabilityRequest request;
    std::optional<int32_t> seats;
    std::optional<double> wait_weeks;
  };
  auto flags = std::make_shared<Flags>();
  app.add_option("THERAPIST", *flags->request.mutable_therapist_id(), "Id of the therapist")->required();
  app.add_option("--seats", flags->seats, "Seats given to this network in all; default: as before");
  app.add_option("--wait-weeks", flags->wait_weeks, "Weeks until a first session; default: as before")
      ->check(NumberWithin(0, contract::kMaxWaitWeeks));
  app.add_option("--etag", *flags->request.mutable_etag(), "Only if the profile is still this one");
  AddRequestId(app, *flags->request.mutable_request_id());
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    directory::v1::ConfirmAvailabilityRequest request = flags->request;
    request.set_request_id(RequestIdOr(request.request_id(), session));
    if (flags->seats.has_value()) request.set_seats(*flags->seats);
    if (flags->wait_weeks.has_value()) request.set_wait_weeks(*flags->wait_weeks);
    const auto response = services.Call(&DirectoryStub::ConfirmAvailability, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      PrintProfiles(session.out, {response->therapist()});
    }
    return ExitCode::kOk;
  });
}

Action BindTherapistDelete(CLI::App& app) {
  auto flags = std::make_shared<directory::v1::DeleteTherapistRequest>();
  app.add_option("THERAPIST", *flags->mutable_therapist_id(), "Id of the therapist")->required();
  app.add_option("--etag", *flags->mutable_etag(), "Only if the profile is still this one");
  AddRequestId(app, *flags->mutable_request_id());
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    directory::v1::DeleteTherapistRequest request = *flags;
    request.set_request_id(RequestIdOr(request.request_id(), session));
    const auto response = services.Call(&DirectoryStub::DeleteTherapist, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      session.out << request.therapist_id() << " is removed\n";
    }
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
