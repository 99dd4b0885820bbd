#!/usr/bin/perl
# Makes the databases beside it with Debian's libmaxmind-db-writer-perl, which shares no code with our reader.
use strict;
use warnings;
use FindBin;
use MaxMind::DB::Writer::Tree;

my %types = (
    autonomous_system_number => 'uint32', autonomous_system_organization => 'utf8_string', country => 'map',
    de => 'utf8_string', en => 'utf8_string', geoname_id => 'uint32', iso_code => 'utf8_string', latitude => 'double',
    list => ['array', 'utf8_string'], location => 'map', names => 'map',
);

sub country {
    my ($code, $name) = @_;
    return { country => { iso_code => $code, names => { en => $name } }, list => ['a', 'b'], location => { latitude => 47.5 } };
}

sub make {
    my ($name, $bits, $version, $type, %networks) = @_;
    my $tree = MaxMind::DB::Writer::Tree->new(
        database_type => $type, description => { en => 'For the tests of Socklens' }, ip_version => $version,
        languages => ['en'], map_key_type_callback => sub { $types{ $_[0] } }, record_size => $bits,
        remove_reserved_networks => 0,
    );
    $tree->insert_network($_, $networks{$_}) for sort keys %networks;
    open my $file, '>:raw', "$FindBin::Bin/$name.mmdb" or die "$name: $!";
    $tree->write_tree($file);
    close $file;
}

my %ipv4 = (
    '192.0.2.0/24' => country('CH', 'Switzerland'), '198.51.100.128/25' => country('JP', 'Japan'),
    '203.0.113.7/32' => country('BR', 'Brazil'),
);
make("country-$_", $_, 6, 'Test-Country', %ipv4, '2001:db8::/33' => country('DE', 'Germany')) for 24, 28, 32;
make('country-ipv4', 24, 4, 'Test-Country', %ipv4);
make(
    'asn', 24, 6, 'Test-ASN',
    '192.0.2.0/25' => { autonomous_system_number => 64500, autonomous_system_organization => 'Example Transit' },
    '2001:db8::/32' => { autonomous_system_number => 4200000001, autonomous_system_organization => "Example \x{e9}" },
);
