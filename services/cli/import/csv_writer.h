// CSV rows, quoted only where they must be, so that files read and diff well.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_CSV_WRITER_H_
#define RAPPORT_SERVICES_CLI_IMPORT_CSV_WRITER_H_

#include <ostream>
#include <string>
#include <vector>

#include "rapport/therapist/v1/therapist.pb.h"

namespace rapport::cli {

void WriteCsvRow(std::ostream& out, const std::vector<std::string>& fields);

// The header of our own CSV, and a profile as a row below it.
void WriteProfileHeader(std::ostream& out);
void WriteProfile(std::ostream& out, const therapist::v1::Therapist& profile);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_CSV_WRITER_H_
